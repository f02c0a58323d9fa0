"""Checkpoints: small enough to carry about (the optimiser's moments and the running average in half precision)."""
import argparse
import os

import torch

from export.common.networks import Networks

MOMENTS = ('exp_avg', 'exp_avg_sq')


def save_checkpoint(o, net, adam, average, step, spent):
    """Write RUN/checkpoint.pt through a temporary name: an interrupted write loses nothing."""
    moments = {i: {k: s[k].to(torch.bfloat16) for k in MOMENTS if k in s} for i, s in adam.state_dict()['state'].items()}
    # An average of weights moves by less than float16 resolves; its distance to the weights does not.
    distance = [(a - p.detach()).to(torch.float16).cpu() for a, p in zip(average, net.parameters())]
    path = os.path.join(o.out, 'checkpoint.pt')
    torch.save({'options': vars(o), 'net': net.state_dict(), 'moments': moments, 'distance': distance,
                'step': step, 'spent': spent}, path + '.part')
    os.replace(path + '.part', path)


def load_checkpoint(o, net, adam, average):
    """Restore a run into `net`, `adam` (torch's or Muon), `average`; returns (steps done, seconds spent)."""
    path = os.path.join(o.out, 'checkpoint.pt')
    if not os.path.exists(path):
        return 0, 0.0
    saved = torch.load(path, map_location=o.device, weights_only=True)
    net.load_state_dict(saved['net'])
    for a, p, d in zip(average, net.parameters(), saved['distance']):
        a.copy_(p.detach() + d.to(p.device).float())
    if o.restart:  # begin the new schedule from the average, the best weights there are
        with torch.no_grad():
            for a, p in zip(average, net.parameters()):
                p.copy_(a)
        return saved['step'], 0.0
    state = adam.state_dict()
    state['state'] = {i: {'step': torch.tensor(float(saved['step'])), **{k: v.float() for k, v in m.items()}}
                      for i, m in saved['moments'].items()}
    adam.load_state_dict(state)
    print(f"resumed at step {saved['step']}, {saved['spent'] / 60:.1f} minutes spent", flush=True)
    return saved['step'], saved['spent']


def averaged(run):
    """The networks of a run with the running average of its weights; returns (net, saved)."""
    saved = torch.load(os.path.join(run, 'checkpoint.pt'), map_location='cpu', weights_only=True)
    rows = saved['net'].get('predictor.rows.weight')
    net = Networks(argparse.Namespace(**saved['options']), 0 if rows is None else len(rows))
    net.load_state_dict(saved['net'])
    with torch.no_grad():
        for p, d in zip(net.parameters(), saved['distance']):
            p.add_(d.float())
    return net.eval(), saved
