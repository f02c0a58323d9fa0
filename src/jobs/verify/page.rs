//! The report as a page: the report goes in, HTML without scripts comes out; its pictures lie beside it.

use std::fmt::Write;

use super::{Judgement, PairReport, Scores, VerifyReport};
use crate::jobs::html::escaped;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:1240px;margin:2em auto;padding:0 1em;background:#181818;color:#f0eee8}\
table{border-collapse:collapse;margin:1em 0}td,th{padding:.2em .9em;text-align:right;border-bottom:1px solid #444}\
td:first-child,th:first-child{text-align:left}img{max-width:100%}.pass{color:#8fd18f}.fail{color:#ff7a6b}.inconclusive{color:#ffc454}\
a{color:#9cc7ff}a:visited{color:#c9b3ff}code{color:#ffc454}";

pub(super) fn page(report: &VerifyReport) -> String {
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>impasto verify</title><style>{STYLE}</style>\n\
         <h1>The fast network and the optimum</h1>\n\
         <p>Model <code>{}</code> on {}; judged by the objective of Gatys et al. (2016) on <code>{}</code>. Lower is better; \
         a pair passes when the fast network reaches at least {:.0} % of the loss reduction from the photo to the optimum, \
         and its loss is at most {:.1} times the optimum's. A pair is inconclusive when the optimiser has not converged: its \
         result is then no optimum to compare with.</p>\n",
        escaped(&report.model),
        escaped(&report.device),
        escaped(&report.features),
        100.0 * report.thresholds.least_share,
        report.thresholds.most_times
    );
    html += "<table><tr><th>pair<th>photo<th>fast network<th>optimum<th>reduction<th>times<th>verdict</tr>\n";
    for pair in &report.pairs {
        // Writing to a string cannot fail.
        let _ = writeln!(
            html,
            "<tr><td><a href=\"#{0}\">{0}</a><td>{1:.3}<td>{2:.3}<td>{3:.3}<td>{4:.0} %<td>{5:.2}<td>{6}</tr>",
            escaped(&pair.folder.to_string_lossy()),
            pair.photo.total,
            pair.pastiche.total,
            pair.optimum.total,
            100.0 * pair.verdict.share,
            pair.verdict.times,
            verdict(pair),
        );
    }
    html += "</table>\n";
    for pair in &report.pairs {
        section(&mut html, pair);
    }
    html += "</html>\n";
    html
}

fn verdict(pair: &PairReport) -> String {
    let class = match pair.verdict.judgement {
        Judgement::Passes => "pass",
        Judgement::Inconclusive => "inconclusive",
        Judgement::Fails => "fail",
    };
    let text = escaped(&pair.verdict.text());
    format!("<span class=\"{class}\">{text}</span>")
}

fn section(html: &mut String, pair: &PairReport) {
    let folder = escaped(&pair.folder.to_string_lossy());
    let (w, h) = pair.size;
    let _ = writeln!(
        html,
        "<h2 id=\"{folder}\">{folder}</h2><p>{w}x{h} pixels. {} {}</p>\n\
         <img src=\"{folder}/sheet.png\" alt=\"photo, painting, fast network, optimum\">\n\
         <table><tr><th>term<th>photo<th>fast network<th>optimum</tr>",
        verdict(pair),
        escaped(&sentence(pair))
    );
    let mut row = |name: &str, of: &dyn Fn(&Scores) -> f64| {
        let _ = writeln!(
            html,
            "<tr><td>{}<td>{:.4}<td>{:.4}<td>{:.4}</tr>",
            escaped(name),
            of(&pair.photo),
            of(&pair.pastiche),
            of(&pair.optimum)
        );
    };
    for (n, term) in pair.terms.iter().enumerate() {
        row(term, &|scores| {
            scores.terms.get(n).copied().unwrap_or(f64::NAN)
        });
    }
    row("total variation", &|scores| scores.tv);
    row("total", &|scores| scores.total);
    let _ = writeln!(
        html,
        "</table><img src=\"{folder}/curve.png\" alt=\"loss curve\">"
    );
}

impl PairReport {
    /// How fast the network and the optimiser are on this pair, in words.
    pub fn sentence(&self) -> String {
        sentence(self)
    }
}

fn sentence(pair: &PairReport) -> String {
    let ms = pair.paint_seconds * 1000.0;
    let mut text = match pair.caught_up {
        Some((evaluations, seconds)) => format!(
            "The optimiser needs {evaluations} evaluations and {seconds:.1} s for the loss that the network reaches in {ms:.0} ms."
        ),
        None => format!(
            "In {} evaluations and {:.1} s the optimiser does not reach the loss that the network reaches in {ms:.0} ms.",
            pair.evaluations, pair.optimise_seconds
        ),
    };
    let _ = match pair.from_pastiche {
        Some(evaluations) => write!(
            text,
            " Started from the network's picture, it needs {evaluations} evaluations for its final loss instead of {}.",
            pair.evaluations
        ),
        None => write!(
            text,
            " Started from the network's picture, it does not reach that final loss in as many steps."
        ),
    };
    text
}
