"""A contender as compare.py sees it: somebody who can be asked for a turn."""
import json
import os
import statistics
import subprocess
import sys

import contenders
from contenders import LeftOut

HERE = os.path.dirname(os.path.abspath(__file__))


class Worker:
    """A contender in Python, in a process of its own."""

    def __init__(self, name, title, options, score=None):
        self.name, self.title, self.score = name, title, score
        environment = os.environ | {'OMP_NUM_THREADS': str(options['threads']), 'CUDA_VISIBLE_DEVICES': ''}
        self.child = subprocess.Popen([sys.executable, os.path.join(HERE, 'worker.py'), name, json.dumps(options)],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        first = self.hear()
        if 'left_out' in first:
            self.end()
            raise LeftOut(first['left_out'])
        self.facts = first['facts']

    def hear(self):
        line = self.child.stdout.readline()
        if not line:
            raise RuntimeError(f'{self.name} ended with status {self.child.wait()}; see above')
        return json.loads(line)

    def turn(self, pictures):
        """Milliseconds a picture: the median of the turn."""
        print(pictures, file=self.child.stdin, flush=True)
        return statistics.median(self.hear())

    def end(self):
        self.child.stdin.close()
        self.child.wait()


class Program:
    """Ours, by the program itself: `impasto bench` once a turn."""

    def __init__(self, model, device, options):
        self.name, self.title, self.score = f'{model}-{device}', f'**{model}**, impasto, {device}', model
        self.model, self.device, self.options = model, device, options
        if not os.path.exists(options['program']):
            raise LeftOut(f'{options["program"]} is not there; cargo build --release makes it, --program names another')
        self.turn(5)  # says at once when the device is not there
        self.facts = contenders.counted(*contenders.our_graph(model, options))

    def turn(self, pictures):
        o, device, _, precision = self.options, *self.device.partition('-')
        line = [o['program'], 'bench', '--json', '--frames-only', '--model', f'{o["models"]}#{self.model}', '--device', device,
                '--precision', precision or 'f32', '--threads', o['threads'], '--size', f'{o["size"]}x{o["size"]}',
                '--runs', max(5, pictures)]
        done = subprocess.run([str(word) for word in line], capture_output=True, text=True)
        if done.returncode:
            raise LeftOut(done.stderr.strip())
        return json.loads(done.stdout)['benches'][0]['rows'][0]['frame']['p50_ms']

    def end(self):
        pass
