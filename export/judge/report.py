"""What evaluate.py found, as Markdown: for a README and a model card to take tables from."""


def table(head, rows):
    lines = [head, ['---'] * len(head), *rows]
    return '\n'.join('| ' + ' | '.join(map(str, line)) + ' |' for line in lines) + '\n'


def number(x, digits=3):
    return '-' if x is None else f'{x:.{digits}f}'


def markdown(found):
    s = found['settings']
    out = ['# Evaluation\n',
           f"{s['photos']} photos x {s['styles']} paintings, {s['side']}x{s['side']} (centre squares of the photos). Content, style and "
           'layers are errors on VGG-19 (`export/yardstick.py`); lower is better, and the photo itself has content 0.\n',
           scores(found), notes(s)]
    if s['left_out']:
        out.append('Left out: ' + '; '.join(s['left_out']) + '.\n')
    if found['curve']:
        out += ['## Content against style\n', f"{s['sample']} of the pairs, chosen evenly; for these only.\n", curve(found['curve'])]
    if any('still_steady' in t for t in found['temporal'].values()):
        out += ['## Statistics measured now and then\n', steady(found)]
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
        rows.append([name, number(p['content']), number(p['style']), ' '.join(number(x, 2) for x in p['layers']), number(p.get('distance')), number(p.get('identity'), 1),
                     number(t and t['still'], 2), number(t and t['pan'], 2), number(c and c['kmac_per_pixel'].get(f"{s['side']}x{s['side']}"), 1)])
    return table(['', 'content', 'style', 'relu1_1 .. relu5_1', s['distance'] or 'LPIPS', 'strength 0, dB', 'still', 'pan', 'kMAC/pixel'], rows)


def notes(s):
    out = f"kMAC/pixel: multiply-adds of the painting network at {s['side']}x{s['side']}, what it adds at the border included. Strength 0: PSNR against the photo.\n"
    if s['temporal_pairs']:
        out = (f"Still: unrest (RMS about the mean) of {s['frames']} frames of a still scene with camera noise of {s['sigma']}, over that of the "
               f"frames that went in: under 1 is calmer. Pan: RMS, in levels of 255, between one frame and the next moved by the true "
               f"{s['step'][0]}, {s['step'][1]} pixels. Both on {s['temporal_pairs']} pairs. ") + out
    if s['distance'] == 'SqueezeNet distance':
        out += ("\nSqueezeNet distance: photo to pastiche in the form of LPIPS, every channel weighing the same, as the fitted heads of LPIPS "
                'belong to other weights than the ones at hand (`export/perceptual.py`). Not to be compared with published LPIPS.\n')
    return out


def steady(found):
    """What smoothed statistics do for video, of those that can take them from frame to frame."""
    rows = [[name, *(number(t[k], 2) for k in ('still', 'still_steady', 'pan', 'pan_steady'))]
            for name, t in found['temporal'].items() if 'still_steady' in t]
    every = found['settings']['every']
    return table(['', 'still', f'still, every {every}th frame measured', 'pan', f'pan, every {every}th frame measured'], rows)


def curve(found):
    rows = [[name, f"{p['strength']:g}" if len(line) > 1 else '-', number(p['content']), number(p['style']), ' '.join(number(x, 2) for x in p['layers'])]
            for name, line in found.items() for p in line]
    return table(['', 'strength', 'content', 'style', 'relu1_1 .. relu5_1'], rows)


def costs(found):
    sizes = sorted({size for c in found.values() for size in c['kmac_per_pixel']}, key=lambda size: int(size.split('x')[0]))
    rows = [[name, *(number(c['kmac_per_pixel'].get(size), 1) for size in sizes), f"{c['weights']:,}", f"{c['style_weights']:,}", f"{c['bytes']:,}"]
            for name, c in found.items()]
    return table(['', *(f'kMAC/pixel at {size}' for size in sizes), 'weights, painting', 'weights, reading a style', 'bytes of all files'], rows)


def by_style(painters, key, title):
    names = list(painters)
    rows = [[of, *(f"{number(painters[n][key][of]['content'], 2)} / {number(painters[n][key][of]['style'], 2)}" for n in names)]
            for of in painters[names[0]][key]]
    return 'Content / style.\n\n' + table([title, *names], rows)
