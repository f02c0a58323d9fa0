//! Derivatives of small graphs against finite differences.
#![allow(clippy::unwrap_used)]

use ndarray::ArrayViewD;

use crate::device::Device;
use crate::onnx::Attribute::{Int, Ints, Str};
use crate::onnx::derivative::{GRAD_INPUT, GRAD_OUTPUT, derivative};
use crate::onnx::stages::{Stages, mean, variance};
use crate::onnx::{Attribute, File, Graph, Tensor};
use crate::runtime::{Input, Outputs, Runtime, Session, SessionOptions};

fn open(model: &[u8]) -> Session {
    let options = SessionOptions {
        device: Device::Cpu,
        threads: Some(1),
        bf16: false,
    };
    Session::open(&Runtime::load(None).unwrap(), "test", model, &options).unwrap()
}

fn input<'a>(shape: &[usize], data: &'a [f32]) -> Input<'a> {
    Input::F32(ArrayViewD::from_shape(shape, data).unwrap())
}

/// The numbers of an output, row by row.
fn values(outputs: &Outputs<'_>, name: &str) -> Vec<f32> {
    outputs.f32(name).unwrap().iter().copied().collect()
}

/// Numbers without a pattern, -1..1.
fn numbers(count: usize, seed: usize) -> Vec<f32> {
    let mut state = (seed as u32).wrapping_mul(2_654_435_761).wrapping_add(99);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// A model `x` -> `y`.
fn model(from: &[usize], to: &[usize], build: impl Fn(&mut Graph, &Tensor) -> Tensor) -> Vec<u8> {
    let mut graph = Graph::new("test");
    let x = graph.input("x", from);
    let y = build(&mut graph, &x);
    graph.output(&y, "y", to);
    graph.into_bytes()
}

/// The gradient of `y` weighed with some numbers is what the differences of that sum say, value by value.
fn check(name: &str, from: &[usize], to: &[usize], build: impl Fn(&mut Graph, &Tensor) -> Tensor) {
    let bytes = model(from, to, build);
    let (count, weights) = (from.iter().product(), numbers(to.iter().product(), 7));
    let x = numbers(count, 3);
    let chain = [File {
        label: name,
        bytes: &bytes,
    }];
    let back = derivative(&chain, "x", "y", &[]).unwrap();
    let mut backward = open(&back);
    let outputs = backward.run(&[("x", input(from, &x)), (GRAD_OUTPUT, input(to, &weights))]);
    let found = values(&outputs.unwrap(), GRAD_INPUT);

    let mut there = open(&bytes);
    let mut sum = |x: &[f32]| -> f64 {
        let outputs = there.run(&[("x", input(from, x))]).unwrap();
        let y = outputs.f32("y").unwrap();
        let y = y.iter().zip(&weights);
        y.map(|(y, w)| f64::from(*y) * f64::from(*w)).sum()
    };
    let size = found.iter().fold(0.0_f32, |most, g| most.max(g.abs()));
    assert!(size > 0.0, "{name}: no gradient");
    for n in 0..count {
        let mut at = |by: f32| {
            let mut moved = x.clone();
            moved[n] += by;
            sum(&moved)
        };
        let step = 2e-3;
        let slope = (at(step) - at(-step)) / (2.0 * f64::from(step));
        let error = (slope - f64::from(found[n])).abs();
        assert!(
            error < 5e-3 * f64::from(size),
            "{name}: by value {n} {}, not {slope}",
            found[n]
        );
    }
}

fn axis(n: i64) -> [(&'static str, Attribute); 1] {
    [("axis", Int(n))]
}

#[test]
fn operands_that_are_repeated_get_the_sum() {
    check("broadcast", &[1, 3, 1, 1], &[1, 3, 2, 5], |g, x| {
        // Fewer sizes than x, and yet larger.
        let k = g.numbers(&[3, 2, 5], &numbers(30, 1));
        let two = g.number(2.5);
        let above = g.apply("Sub", &[&k, x], &[]);
        let product = g.apply("Mul", &[x, &k], &[]);
        let below = g.apply("Add", &[&two, &product], &[]);
        let left = g.apply("Div", &[&above, &below], &[]);
        g.apply("Sub", &[&left, x], &[])
    });
    check("lower", &[5], &[1, 3, 2, 5], |g, x| {
        let k = g.numbers(&[1, 3, 2, 5], &numbers(30, 1));
        g.apply("Mul", &[&k, x], &[])
    });
}

#[test]
fn what_is_moved_about_is_moved_back() {
    check("parts", &[1, 5, 4, 6], &[5, 3, 6, 1], |g, x| {
        let sizes = g.integers(&[2, 1, 2]);
        let parts = g.apply_multiple("Split", &[x, &sizes], &axis(1), 3);
        // The second part is not used, and the first is twice.
        let all = [&parts[2], &parts[0], &parts[0]];
        let joined = g.apply("Concat", &all, &axis(-3));
        let (starts, ends) = (g.integers(&[-3, 0]), g.integers(&[i64::MAX, -1]));
        let axes = g.integers(&[2, -3]);
        let cut = g.apply("Slice", &[&joined, &starts, &ends, &axes], &[]);
        let turned = g.apply("Transpose", &[&cut], &[("perm", Ints(vec![0, 2, 3, 1]))]);
        let shape = g.integers(&[1, 6, 3, -1]);
        let shaped = g.apply("Reshape", &[&turned, &shape], &[]);
        g.apply("Transpose", &[&shaped], &[])
    });
    check("blocks", &[1, 8, 3, 2], &[1, 2, 6, 4], |g, x| {
        let two = || ("blocksize", Int(2));
        let wide = g.apply("DepthToSpace", &[x], &[two(), ("mode", Str("CRD"))]);
        let deep = g.apply("SpaceToDepth", &[&wide], &[two()]);
        g.apply("DepthToSpace", &[&deep], &[two()])
    });
}

#[test]
fn products_go_back_through_the_same_numbers() {
    check("conv", &[1, 2, 5, 6], &[1, 3, 5, 6], |g, x| {
        let kernel = g.numbers(&[3, 2, 3, 3], &numbers(54, 2));
        let attributes = [
            ("kernel_shape", Ints(vec![3, 3])),
            ("pads", Ints(vec![0, 1, 2, 1])),
        ];
        g.apply("Conv", &[x, &kernel], &attributes)
    });
    check("dilated conv", &[1, 2, 5, 6], &[1, 3, 5, 6], |g, x| {
        let kernel = g.numbers(&[3, 2, 3, 3], &numbers(54, 2));
        let attributes = [
            ("kernel_shape", Ints(vec![3, 3])),
            ("pads", Ints(vec![2; 4])),
            ("dilations", Ints(vec![2; 2])),
        ];
        g.apply("Conv", &[x, &kernel], &attributes)
    });
    check("gemm", &[2, 4], &[2, 3], |g, x| {
        let matrix = g.numbers(&[3, 4], &numbers(12, 4));
        let bias = g.numbers(&[3], &numbers(3, 5));
        let first = g.apply("Gemm", &[x, &matrix, &bias], &[("transB", Int(1))]);
        let square = g.numbers(&[3, 3], &numbers(9, 6));
        g.apply("Gemm", &[&first, &square], &[])
    });
}

#[test]
fn pools_pass_their_gradient_to_what_they_pooled() {
    // An odd side leaves a row or column that no window covers.
    for (height, width) in [(4, 6), (5, 6), (4, 7), (5, 7)] {
        let (from, to) = ([1, 2, height, width], [1, 2, height / 2, width / 2]);
        for operator in ["AveragePool", "MaxPool"] {
            check(operator, &from, &to, |g, x| {
                let two = || Ints(vec![2, 2]);
                g.apply(
                    operator,
                    &[x],
                    &[("kernel_shape", two()), ("strides", two())],
                )
            });
        }
    }
}

#[test]
fn equal_maxima_share_the_gradient() {
    let bytes = model(&[1, 1, 2, 4], &[1, 1, 1, 2], |g, x| {
        let two = || Ints(vec![2, 2]);
        g.apply(
            "MaxPool",
            &[x],
            &[("kernel_shape", two()), ("strides", two())],
        )
    });
    let chain = [File {
        label: "ties",
        bytes: &bytes,
    }];
    let mut session = open(&derivative(&chain, "x", "y", &[]).unwrap());
    let x = [1.0, 3.0, 2.0, 2.0, 3.0, 0.0, 2.0, 2.0];
    let outputs = session.run(&[
        ("x", input(&[1, 1, 2, 4], &x)),
        (GRAD_OUTPUT, input(&[1, 1, 1, 2], &[6.0, 8.0])),
    ]);
    let found = values(&outputs.unwrap(), GRAD_INPUT);
    assert_eq!(found, [0.0, 3.0, 2.0, 2.0, 3.0, 0.0, 2.0, 2.0]);
}

#[test]
fn matrices_and_their_products_with_themselves() {
    check("right", &[2, 4], &[2, 3], |g, x| {
        let matrix = g.numbers(&[4, 3], &numbers(12, 4));
        g.apply("MatMul", &[x, &matrix], &[])
    });
    check("left", &[1, 4, 5], &[1, 3, 5], |g, x| {
        let matrix = g.numbers(&[3, 4], &numbers(12, 4));
        g.apply("MatMul", &[&matrix, x], &[])
    });
    check("gram", &[1, 3, 2, 4], &[3, 3], |g, x| {
        let rows = g.integers(&[3, -1]);
        let matrix = g.apply("Reshape", &[x, &rows], &[]);
        g.apply("Gemm", &[&matrix, &matrix], &[("transB", Int(1))])
    });
}

#[test]
fn sums_and_means_over_all_and_over_some() {
    check("sum of all", &[2, 3], &[], |g, x| {
        let square = g.apply("Mul", &[x, x], &[]);
        let sum = g.apply("ReduceSum", &[&square], &[("keepdims", Int(0))]);
        let mean = g.apply("ReduceMean", &[x], &[("keepdims", Int(0))]);
        g.apply("Sub", &[&sum, &mean], &[])
    });
    check("sum of rows", &[2, 3], &[2, 1], |g, x| {
        let axis = g.integers(&[1]);
        g.apply("ReduceSum", &[x, &axis], &[])
    });
}

/// A loss and its gradient in one graph, as `gatys` has them.
#[test]
fn a_loss_has_its_gradient_in_the_same_graph() {
    let mut graph = Graph::new("loss");
    let x = graph.input("x", &[3]);
    let weight = graph.input("weight", &[]);
    let square = graph.apply("Mul", &[&x, &x], &[]);
    let sum = graph.apply("ReduceSum", &[&square], &[("keepdims", Int(0))]);
    let loss = graph.apply("Mul", &[&sum, &weight], &[]);
    let gradient = graph.gradient(&loss, &x).unwrap();
    graph.output(&loss, "loss", &[]);
    graph.output(&gradient, "gradient", &[3]);
    let other = graph.input("other", &[3]);
    assert!(graph.gradient(&loss, &other).is_err());
    let mut session = open(&graph.into_bytes());
    let x = input(&[3], &[1.0, -2.0, 0.5]);
    let none = input(&[3], &[0.0; 3]);
    let given = [("x", x), ("weight", input(&[], &[3.0])), ("other", none)];
    let outputs = session.run(&given).unwrap();
    assert_eq!(values(&outputs, "loss"), [15.75]);
    assert_eq!(values(&outputs, "gradient"), [6.0, -12.0, 3.0]);
}

#[test]
fn an_instance_norm_and_its_curves() {
    check("norm", &[1, 2, 4, 4], &[1, 2, 4, 4], |g, x| {
        let axes = || ("axes", Ints(vec![2, 3]));
        let mean = g.apply("ReduceMean", &[x], &[axes()]);
        let square = g.apply("Mul", &[x, x], &[]);
        let square = g.apply("ReduceMean", &[&square], &[axes()]);
        let of_mean = g.apply("Mul", &[&mean, &mean], &[]);
        let variance = g.apply("Sub", &[&square, &of_mean], &[]);
        let variance = g.apply("Relu", &[&variance], &[]);
        let sigma = g.apply("Sqrt", &[&variance], &[]);
        let centred = g.apply("Sub", &[x, &mean], &[]);
        let normal = g.apply("Div", &[&centred, &sigma], &[]);
        let (least, most) = (g.number(-1.1), g.number(1.2));
        let cut = g.apply("Clip", &[&normal, &least, &most], &[]);
        let bent = g.apply("Relu", &[&normal], &[]);
        let sum = g.apply("Add", &[&cut, &bent], &[]);
        g.apply("Sigmoid", &[&sum], &[])
    });
}

#[test]
fn a_mean_by_itself_is_spread_out() {
    check("mean", &[1, 2, 3], &[1, 1, 1], |g, x| {
        g.apply("ReduceMean", &[x], &[("axes", Ints(vec![1, 2]))])
    });
}

#[test]
fn a_chain_is_joined_by_names() {
    let first = model(&[1, 3], &[1, 3], |g, x| g.apply("Sigmoid", &[x], &[]));
    let mut graph = Graph::new("second");
    let y = graph.input("y", &[1, 3]);
    let z = graph.apply("Mul", &[&y, &y], &[]);
    graph.output(&z, "z", &[1, 3]);
    let second = graph.into_bytes();
    let chain =
        [("first", &first), ("second", &second)].map(|(label, bytes)| File { label, bytes });
    let mut session = open(&derivative(&chain, "x", "z", &[]).unwrap());
    let x = [0.0, 1.0, -2.0];
    let outputs = session.run(&[
        ("x", input(&[1, 3], &x)),
        (GRAD_OUTPUT, input(&[1, 3], &[1.0; 3])),
    ]);
    let found = values(&outputs.unwrap(), GRAD_INPUT);
    for (x, g) in x.iter().zip(found) {
        let s = 1.0 / (1.0 + (-x).exp());
        assert!((g - 2.0 * s * s * (1.0 - s)).abs() < 1e-6, "{x}: {g}");
    }
}

#[test]
fn what_cannot_be_differentiated_is_named() {
    let refused = |bytes: &[u8], by: &str| {
        let chain = [File {
            label: "x.onnx",
            bytes,
        }];
        let message = derivative(&chain, by, "y", &[]).unwrap_err().to_string();
        assert!(message.contains("x.onnx"), "{message}");
        message
    };
    let strange = model(&[4], &[4], |g, x| g.apply("Abs", &[x], &[]));
    assert!(refused(&strange, "x").contains("Abs"));
    assert!(refused(&strange, "style").contains("'style'"));
    let strided = model(&[1, 1, 6, 6], &[1, 1, 2, 2], |g, x| {
        let kernel = g.numbers(&[1, 1, 3, 3], &[1.0; 9]);
        let attributes = [
            ("kernel_shape", Ints(vec![3, 3])),
            ("strides", Ints(vec![2, 2])),
        ];
        g.apply("Conv", &[x, &kernel], &attributes)
    });
    assert!(refused(&strided, "x").contains("stride 1"));
    let overlapping = model(&[1, 1, 6, 6], &[1, 1, 2, 2], |g, x| {
        let attributes = [
            ("kernel_shape", Ints(vec![3, 3])),
            ("strides", Ints(vec![2, 2])),
        ];
        g.apply("AveragePool", &[x], &attributes)
    });
    assert!(refused(&overlapping, "x").contains("side by side"));
    let both = model(&[2, 2], &[2, 2], |g, x| g.apply("MatMul", &[x, x], &[]));
    assert!(refused(&both, "x").contains("MatMul"));
    let partial = model(&[2, 2], &[2], |g, x| {
        let attributes = [("axes", Ints(vec![1])), ("keepdims", Int(0))];
        g.apply("ReduceMean", &[x], &attributes)
    });
    assert!(refused(&partial, "x").contains("keepdims"));
    let constant = model(&[4], &[1], |g, _| g.numbers(&[1], &[1.0]));
    assert!(refused(&constant, "x").contains("does not depend"));
    assert!(refused(&strange[..strange.len() - 3], "x").contains("ONNX"));
    refused(b"", "x");
}

/// Two norms of one channel behind one another, and their statistics.
fn two_norms(join: &str) -> Vec<u8> {
    let mut g = Graph::new("norms");
    let content = g.input("content", &[1, 1, 2, 3]);
    let two = g.number(2.0);
    let mut x = g.apply("Mul", &[&content, &two], &[]);
    let mut found = Vec::new();
    for _ in 0..2 {
        let mean = g.apply("GlobalAveragePool", &[&x], &[]);
        let square = g.apply("Mul", &[&x, &x], &[]);
        let square = g.apply("GlobalAveragePool", &[&square], &[]);
        let of_mean = g.apply("Mul", &[&mean, &mean], &[]);
        let variance = g.apply("Sub", &[&square, &of_mean], &[]);
        let centred = g.apply("Sub", &[&x, &mean], &[]);
        let deviation = g.apply("Sqrt", &[&variance], &[]);
        let normal = g.apply("Div", &[&centred, &deviation], &[]);
        // What would be normal already were the second norm of no use.
        x = g.apply("Mul", &[&normal, &normal], &[]);
        found.extend([mean, variance]);
    }
    let all: Vec<&Tensor> = found.iter().collect();
    let stats = match join {
        "Concat" => g.apply("Concat", &all, &axis(1)),
        _ => g.apply(join, &all, &[]),
    };
    let shape = g.integers(&[1, -1]);
    let stats = g.apply("Reshape", &[&stats, &shape], &[]);
    g.output(&x, "pastiche", &[1, 1, 2, 3]);
    g.output(&stats, "stats", &[1, if join == "Concat" { 4 } else { 1 }]);
    g.into_bytes()
}

#[test]
fn a_network_in_stages_is_the_network() {
    let bytes = two_norms("Concat");
    let file = File {
        label: "norms",
        bytes: &bytes,
    };
    let stages = Stages::read(&file, "stats").unwrap();
    assert_eq!(stages.norms(), 2);
    let x = numbers(6, 5);
    let content = || ("content", input(&[1, 1, 2, 3], &x));
    let mut whole = open(&bytes);
    let outputs = whole.run(&[content()]).unwrap();
    let stats = values(&outputs, "stats");
    let pastiche = values(&outputs, "pastiche");

    let moments = |seen: &[f32]| {
        let mean = seen.iter().sum::<f32>() / 6.0;
        [
            mean,
            seen.iter().map(|v| v * v).sum::<f32>() / 6.0 - mean * mean,
        ]
    };
    let near = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-4);
    let stage = |from: &[String], n: usize| open(&stages.stage(from, &[stages.target(n)]));
    let mut first = stage(&[], 0);
    let outputs = first.run(&[content()]).unwrap();
    let kept = values(&outputs, stages.target(0));
    assert!(near(&moments(&kept), &stats[..2]));

    let one = [1, 1, 1, 1];
    let names: Vec<String> = (0..2).flat_map(|n| [mean(n), variance(n)]).collect();
    let given = |values: &[f32], k: usize| values[k..=k].to_vec();
    let see = |stats: &[f32]| {
        let (a, b) = (given(stats, 0), given(stats, 1));
        let statistics = || {
            [
                (names[0].as_str(), input(&one, &a)),
                (&names[1], input(&one, &b)),
            ]
        };
        let mut second = stage(&[], 1);
        let inputs = [&[content()], &statistics()[..]].concat();
        let seen = values(&second.run(&inputs).unwrap(), stages.target(1));
        // The same from what the first stage gave, without the content.
        let place = [stages.target(0).to_owned()];
        let mut second = stage(&place, 1);
        let inputs = [
            &[(place[0].as_str(), input(&[1, 1, 2, 3], &kept))],
            &statistics()[..],
        ]
        .concat();
        assert_eq!(
            values(&second.run(&inputs).unwrap(), stages.target(1)),
            seen
        );
        moments(&seen)
    };
    assert!(near(&see(&stats), &stats[2..]));
    // Four times the variance before: what comes after is a quarter.
    assert!(near(
        &see(&[stats[0], 4.0 * stats[1]]),
        &[stats[2] / 4.0, stats[3] / 16.0]
    ));

    let mut last = stage(&[], 2);
    let rows: Vec<Vec<f32>> = (0..4).map(|k| given(&stats, k)).collect();
    let mut inputs = vec![content()];
    inputs.extend(
        names
            .iter()
            .zip(&rows)
            .map(|(name, row)| (name.as_str(), input(&one, row))),
    );
    let painted = last.run(&inputs).unwrap();
    assert!(near(&values(&painted, "pastiche"), &pastiche));
}

#[test]
fn statistics_of_another_form_have_no_stages() {
    let sums = two_norms("Sum");
    for (bytes, stats) in [(&sums[..], "stats"), (&sums, "content"), (b"no", "stats")] {
        let file = File {
            label: "sums",
            bytes,
        };
        let said = Stages::read(&file, stats).err().unwrap().to_string();
        assert!(said.contains("sums"), "{said}");
    }
}
