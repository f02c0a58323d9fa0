"""The results of evaluate.py as Markdown tables, for the README and the model card."""


def table(head, rows):
    lines = [head, ['---'] * len(head), *rows]
    return '\n'.join('| ' + ' | '.join(map(str, line)) + ' |' for line in lines) + '\n'


def number(x, digits=3):
    return '-' if x is None else f'{x:.{digits}f}'


def markdown(found):
    s = found['settings']
    out = ['# Evaluation\n',
           f"{s['photos']} photos x {s['styles']} paintings, {s['side']}x{s['side']} (centre squares of the photos). Content, style and "
           'layers are errors on VGG-19 (`export/judge/yardstick.py`); lower is better, and the photo itself has content 0.\n',
           scores(found), notes(s)]
    if s['left_out']:
        out.append('Left out: ' + '; '.join(s['left_out']) + '.\n')
    if found['curve']:
        out += ['## Content against style\n', f"{s['sample']} of the pairs, chosen evenly; for these only.\n", curve(found['curve'])]
    if any('still_smoothed' in t for t in found['temporal'].values()):
        out += ['## Smoothed norm statistics\n', smoothed(found)]
    if found['cost']:
        out += ['## Cost\n', costs(found['cost'])]
    out += ['## By style\n', by_style(found['painters'], 'styles', 'style')]
    if s['split']:
        out += ['## By group of styles\n', by_style(found['painters'], 'groups', 'group')]
    return '\n'.join(out)


def scores(found):
    s, rows = found['settings'], []
    for name, p in found['painters'].items():
        t, c = found['temporal'].get(name), found['cost'].get(name)
        kmac = c and c['kmac_per_pixel'].get(f"{s['side']}x{s['side']}")
        rows.append([name, number(p['content']), number(p['style']), layers(p), number(p.get('distance')), number(p.get('identity'), 1),
                     number(t and t['still'], 2), number(t and t['pan'], 2), number(kmac, 1)])
    head = ['', 'content', 'style', 'relu1_1 .. relu5_1', s['distance'] or 'LPIPS', 'strength 0, dB', 'still', 'pan', 'kMAC/pixel']
    return table(head, rows)


def layers(figures):
    return ' '.join(number(x, 2) for x in figures['layers'])


def notes(s):
    out = (f"kMAC/pixel: multiply-adds of the transformer at {s['side']}x{s['side']}, padding included. "
           'Strength 0: PSNR against the photo.\n')
    if s['temporal_pairs']:
        out = (f"Still: RMS deviation from the mean of {s['frames']} frames of a still scene with camera noise of {s['sigma']}, divided by "
               'that of the input frames: below 1 noise is reduced. Pan: RMS, in levels of 255, between a frame and the '
               'motion-compensated frame before it, at '
               f"{s['step'][0]}, {s['step'][1]} pixels per frame. Both on {s['temporal_pairs']} pairs. ") + out
    if s['distance'] == 'SqueezeNet distance':
        out += ('\nSqueezeNet distance: from photo to pastiche in the form of LPIPS with all channels weighted equally, as the '
                'weights of LPIPS were fitted to another SqueezeNet (`export/judge/perceptual.py`). Not comparable with published LPIPS.\n')
    return out


def smoothed(found):
    """Video with norm statistics measured in some frames only, for the painters that support it."""
    rows = [[name, *(number(t[k], 2) for k in ('still', 'still_smoothed', 'pan', 'pan_smoothed'))]
            for name, t in found['temporal'].items() if 'still_smoothed' in t]
    every = found['settings']['every']
    return table(['', 'still', f'still, every {every}th frame measured', 'pan', f'pan, every {every}th frame measured'], rows)


def curve(found):
    rows = [[name, f"{p['strength']:g}" if len(line) > 1 else '-', number(p['content']), number(p['style']), layers(p)]
            for name, line in found.items() for p in line]
    return table(['', 'strength', 'content', 'style', 'relu1_1 .. relu5_1'], rows)


def costs(found):
    sizes = sorted({size for c in found.values() for size in c['kmac_per_pixel']}, key=lambda size: int(size.split('x')[0]))
    numbers = lambda c: [f"{c[key]:,}" for key in ('weights', 'style_weights', 'bytes')]
    rows = [[name, *(number(c['kmac_per_pixel'].get(size), 1) for size in sizes), *numbers(c)] for name, c in found.items()]
    head = ['', *(f'kMAC/pixel at {size}' for size in sizes), 'weights, transformer', 'weights, style networks', 'bytes of all files']
    return table(head, rows)


def by_style(painters, key, title):
    names = list(painters)
    pair = lambda figures: f"{number(figures['content'], 2)} / {number(figures['style'], 2)}"
    rows = [[of, *(pair(painters[n][key][of]) for n in names)] for of in painters[names[0]][key]]
    return 'Content / style.\n\n' + table([title, *names], rows)
