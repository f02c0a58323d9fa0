"""The content-style curve: style error against content error at several strengths."""
import io

import matplotlib
from matplotlib import pyplot

from export.common import manifest

matplotlib.use('Agg')  # to a file, without a display


def save(path, lines, points, note):
    """lines: {name: [(strength, content, style)]}; points: {name: (content, style)}."""
    figure, axes = pyplot.subplots(figsize=(7, 5), layout='constrained')
    for name, line in lines.items():
        _, contents, styles = zip(*line)
        (plotted,) = axes.plot(contents, styles, 'o-', markersize=4, label=name)
        for strength, x, y in line:
            axes.annotate(f'{strength:g}', (x, y), (4, 4), textcoords='offset points', fontsize=7, color=plotted.get_color())
    for (name, (x, y)), mark in zip(points.items(), 's*D^v'):
        axes.plot([x], [y], mark, markersize=9, color='black', label=name)
    axes.set(xlabel='content: relative error at relu4_2 (0 = the photo)', ylabel='style: mean relative Gram error (0 = the painting)')
    axes.set_xlim(left=-0.02)
    axes.set_ylim(bottom=0)
    axes.set_title(note, fontsize=9)
    axes.grid(alpha=0.3)
    axes.legend()
    whole = io.BytesIO()
    figure.savefig(whole, format='png', dpi=120, metadata={'Software': None})  # reproducible bytes
    pyplot.close(figure)
    manifest.write_whole(path, whole.getvalue())
