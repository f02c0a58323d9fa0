"""Checkpoints: RUN/checkpoint.pt with weights, the optimiser's moments (bfloat16) and the averaged weights (float16 differences)."""
import argparse
import os

import torch

from export.common.networks import Networks

MOMENTS = ('exp_avg', 'exp_avg_sq')
RENAMED = {'calm_weight': 'stability_weight'}  # options of older checkpoints


def save_checkpoint(o, net, optimizer, average, step, spent):
    """Write RUN/checkpoint.pt atomically; `average` are the averaged parameters, `spent` seconds."""
    moments = {i: {k: s[k].to(torch.bfloat16) for k in MOMENTS if k in s} for i, s in optimizer.state_dict()['state'].items()}
    # Differences, since float16 cannot resolve how little the average moves but can resolve its distance from the weights.
    distance = [(a - p.detach()).to(torch.float16).cpu() for a, p in zip(average, net.parameters())]
    path = os.path.join(o.out, 'checkpoint.pt')
    torch.save({'options': vars(o), 'net': net.state_dict(), 'moments': moments, 'distance': distance,
                'step': step, 'spent': spent}, path + '.part')
    os.replace(path + '.part', path)


def restore(average, net, saved):
    """Copy the averaged weights of a checkpoint to `average`; `net` has its other weights."""
    for a, p, d in zip(average, net.parameters(), saved['distance']):
        d = d.to(p.device).float()
        # -0 stays -0, so that weights that were not trained export to the same bytes.
        a.copy_(torch.where(d == 0, p.detach(), p.detach() + d))


def save_light(o, net, average, step, spent):
    """A checkpoint without the optimiser's moments (22 MB for the bundled `fine`); the next run starts with new ones."""
    save_checkpoint(o, net, torch.optim.SGD(net.parameters(), 1), average, step, spent)


def load_light(folder, net, average):
    """Restore what save_light wrote to `folder`, if anything; -> (steps done, seconds spent)."""
    path = os.path.join(folder, 'checkpoint.pt')
    if not os.path.exists(path):
        return 0, 0.0
    saved = torch.load(path, map_location='cpu', weights_only=True)
    net.load_state_dict(saved['net'])
    restore(average, net, saved)
    return saved['step'], saved['spent']


def load_checkpoint(o, net, optimizer, average):
    """Restore a run into `net`, `optimizer` (torch's or Muon) and `average`; -> (steps done, seconds spent)."""
    path = os.path.join(o.out, 'checkpoint.pt')
    if not os.path.exists(path):
        return 0, 0.0
    saved = torch.load(path, map_location=o.device, weights_only=True)
    net.load_state_dict(saved['net'])
    restore(average, net, saved)
    if o.restart:  # a new schedule starts from the averaged weights
        with torch.no_grad():
            for a, p in zip(average, net.parameters()):
                p.copy_(a)
        return saved['step'], 0.0
    state = optimizer.state_dict()
    state['state'] = {i: {'step': torch.tensor(float(saved['step'])), **{k: v.float() for k, v in m.items()}}
                      for i, m in saved['moments'].items()}
    optimizer.load_state_dict(state)
    print(f"resumed at step {saved['step']}, {saved['spent'] / 60:.1f} minutes spent", flush=True)
    return saved['step'], saved['spent']


def load_averaged(run):
    """The networks of a run with their averaged weights, and the checkpoint's contents: (net, saved)."""
    saved = torch.load(os.path.join(run, 'checkpoint.pt'), map_location='cpu', weights_only=True)
    saved['options'] = {RENAMED.get(name, name): value for name, value in saved['options'].items()}
    rows = saved['net'].get('predictor.rows.weight')
    net = Networks(argparse.Namespace(**saved['options']), 0 if rows is None else len(rows) - 1)
    net.load_state_dict(saved['net'])
    with torch.no_grad():
        restore(list(net.parameters()), net, saved)
    return net.eval(), saved
