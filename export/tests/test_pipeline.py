"""From generated pictures to a checked model: two training steps with random VGG-19 weights, export, check, evaluation.

  python -m unittest discover -s export/tests -t .        from the repository root; under a minute on two CPU cores

Tests that need packages which are not installed say so and are skipped.
"""
import contextlib
import importlib
import importlib.util
import io
import os
import sys
import tempfile
import unittest
from unittest import mock

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def needs(*packages):
    missing = [p for p in packages if importlib.util.find_spec(p) is None]
    return unittest.skipIf(missing, f'not installed: {", ".join(missing)}')


def command(module, *arguments):
    """Run `python -m export.MODULE ARGUMENTS` in this process; -> what it prints."""
    out = io.StringIO()
    with mock.patch.object(sys, 'argv', [module, *map(str, arguments)]), contextlib.redirect_stdout(out):
        importlib.import_module(f'export.{module}').main()
    return out.getvalue()


def read(*path):
    with open(os.path.join(*path), 'rb') as f:
        return f.read()


@needs('numpy', 'onnx', 'onnxruntime', 'PIL')
class BrowserModels(unittest.TestCase):
    def test_the_transformers_for_browsers_are_what_the_code_writes_and_paint_the_same(self):
        web = importlib.import_module('export.ship.web')
        for name in ('fine', 'live'):
            folder = os.path.join(ROOT, 'models', name)
            written = web.web_transformer(os.path.join(folder, 'transformer.onnx'))
            self.assertEqual(written, read(folder, 'transformer_web.onnx'), f'{name}: run python -m export.ship.web models')
            self.assertGreater(web.compare(folder, [(64, 48), (33, 51)]), web.LEAST_DB, name)


@needs('numpy', 'onnx')
class TinyModels(unittest.TestCase):
    def test_the_models_of_the_rust_tests_are_what_the_code_writes(self):
        from export.ship import tiny_models
        with tempfile.TemporaryDirectory() as folder:
            tiny_models.write_all(folder)
            files = [os.path.relpath(os.path.join(at, f), folder) for at, _, names in os.walk(folder) for f in names]
            self.assertGreater(len(files), 20)
            changed = [f for f in files if read(folder, f) != read(tiny_models.DATA, f)]
        self.assertEqual(changed, [], 'run `python -m export.ship.tiny_models`')


@needs('numpy', 'torch', 'onnx', 'onnxruntime', 'safetensors', 'PIL')
class Pipeline(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        training_data(cls)
        at, cls.models = cls.at, cls.at('models')
        import torch
        torch.set_num_threads(1)
        cls.train_options = ['--content', at('photos'), '--styles', at('paintings'), '--vgg', cls.vgg, '--out', at('run'), '--size', 48,
                             '--style-size', 48, '--batch', 2, '--width', 16, '--half', 8, '--blocks', 1, '--bottleneck', 16,
                             '--hidden', 32, '--stability-weight', 10, '--muon', '--no-compile', '--steps', 2]
        cls.printed = command('train.train', *cls.train_options)
        command('ship.export', at('run'), '--name', 'test', '--out', cls.models)

    def test_two_steps_are_trained_exported_and_checked(self):
        self.assertIn('done: 2 steps', self.printed)
        self.assertIn('all held', command('ship.check', self.at('run'), '--name', 'test', '--models', self.models))
        self.assertIn(b'stability = 10.0', read(self.models, 'models.toml'))

    def test_the_same_weights_give_the_same_bytes(self):
        command('ship.export', self.at('run'), '--name', 'test', '--out', self.at('again'))
        for file in ['predictor.onnx', 'test/head.onnx', 'test/transformer.onnx', 'test/transformer_frozen.onnx']:
            self.assertEqual(read(self.models, file), read(self.at('again'), file), file)

    def test_a_run_resumes_and_two_runs_are_averaged(self):
        import shutil
        shutil.copytree(self.at('run'), self.at('more'))
        printed = command('train.train', *self.train_options, '--out', self.at('more'), '--steps', 1, '--hint-weight', 0)
        self.assertIn('resumed at step 2', printed)
        self.assertIn('done: 3 steps', printed)
        command('train.average', self.at('run'), self.at('more'), '--share', 0.3, '--out', self.at('mean'))
        command('ship.export', self.at('mean'), '--name', 'mean', '--out', self.at('mean-models'))

    def test_a_table_begins_with_the_embeddings_of_a_bundled_model(self):
        import torch

        from export.common import manifest
        from export.common.checkpoint import load_averaged
        from export.common.pictures import fit, load, picture_files, to_tensor
        from export.train import bundled
        models = os.path.join(ROOT, 'models')
        printed = command('train.train', *self.train_options, '--from', models, '--from-name', 'live', '--table', '--out', self.at('table'),
                          '--steps', 1, '--lr', 1e-9)
        self.assertIn('done: 1 steps', printed)
        net, saved = load_averaged(self.at('table'))
        self.assertEqual(saved['options']['width'], 32)
        live, _ = bundled.load(models, 'live')
        with torch.no_grad():
            for row, path in zip(net.predictor.rows.weight[:3], picture_files(self.at('paintings'))):
                wanted = live.predictor(to_tensor(fit(load(path), manifest.STYLE_SIDE))[None])[0]
                torch.testing.assert_close(row, wanted, rtol=1e-3, atol=1e-3)
        command('ship.export', self.at('table'), '--name', 'table', '--out', self.at('table-models'))
        self.assertIn('all held', command('ship.check', self.at('table'), '--name', 'table', '--models', self.at('table-models')))

    def test_a_table_without_layers_at_half_resolution_is_read_back(self):
        import torch

        from export.common.checkpoint import load_averaged
        from export.train import bundled
        models = self.at('patch-models')
        for name, more in (('patch', []), ('plain', ['--no-smooth'])):
            command('train.train', *self.train_options, '--table', '--shape', 'patch', '--merge', 8, '--size', 64, '--window', 32,
                    '--out', self.at(name), '--steps', 1, *more)
            command('ship.export', self.at(name), '--name', name, '--out', models)
            self.assertIn('all held', command('ship.check', self.at(name), '--name', name, '--models', models))
            self.assertIn(f'{name}/transformer_web.onnx', command('ship.web', models))
            net, _ = load_averaged(self.at(name))
            again, options = bundled.load(models, name)
            self.assertEqual((options.shape, options.merge, options.smooth, options.table), ('patch', 8, not more, True))
            photo, row = torch.rand(1, 3, 50, 70), torch.tensor([1])
            with torch.no_grad():
                torch.testing.assert_close(again(photo, row)[0], net(photo, row)[0], rtol=0, atol=2e-3)  # half precision

    def test_the_window_of_the_losses_lies_in_the_picture(self):
        from export.train.schedule import window
        for _ in range(50):
            pixels, cells = window(96, 64)
            for part, cell in zip(pixels, cells):
                self.assertEqual((part.stop - part.start, cell.stop - cell.start), (64, 8))
                self.assertTrue(0 <= part.start <= 32 and part.start == 8 * cell.start)
        self.assertEqual(window(96, None)[0], (slice(0, 96),) * 2)

    def test_option_names_of_older_checkpoints_are_read(self):
        import torch

        from export.common.checkpoint import load_averaged
        saved = torch.load(self.at('run', 'checkpoint.pt'), weights_only=True)
        saved['options']['calm_weight'] = saved['options'].pop('stability_weight')
        os.makedirs(self.at('old'))
        torch.save(saved, self.at('old', 'checkpoint.pt'))
        self.assertEqual(load_averaged(self.at('old'))[1]['options']['stability_weight'], 10)

    def test_normalised_vgg_has_mean_activation_1_and_the_same_features(self):
        import torch
        import torch.nn.functional as F

        from export.ship import vgg19
        plain = vgg19.from_authors(self.vgg)
        scaled = {k: v.copy() for k, v in plain.items()}
        vgg19.normalise(scaled, self.at('photos'), 48)
        x = torch.rand(1, 3, 32, 32)
        maps = [x * torch.from_numpy(p['input.scale']).view(1, 3, 1, 1) + torch.from_numpy(p['input.offset']).view(1, 3, 1, 1)
                for p in (plain, scaled)]
        for name in ['conv1_1', 'conv1_2']:
            maps = [F.relu(F.conv2d(x, torch.from_numpy(p[name + '.weight']), torch.from_numpy(p[name + '.bias']), padding=1))
                    for x, p in zip(maps, (plain, scaled))]
        ratio = (maps[0].mean((0, 2, 3)) / maps[1].mean((0, 2, 3))).view(1, -1, 1, 1)
        torch.testing.assert_close(maps[0], maps[1] * ratio, rtol=1e-3, atol=1e-2)
        again = vgg19.normalise(scaled, self.at('photos'), 48)
        self.assertEqual(len(again), 13)
        means = [mean for mean, inactive in again.values() if not inactive]
        self.assertGreater(len(means), 4)
        torch.testing.assert_close(torch.tensor(means), torch.ones(len(means)), rtol=1e-3, atol=1e-3)

    @needs('matplotlib')
    def test_a_model_is_evaluated(self):
        command('judge.evaluate', '--content', self.at('photos'), '--style', self.at('paintings', '0.png'), '--vgg', self.vgg,
                '--model', f'test={self.models}/test', '--no-peers', '--side', 64, '--sample', 0, '--temporal', 1,
                '--out', self.at('report'))
        self.assertIn(b'| test |', read(self.at('report'), 'report.md'))


def training_data(case):
    """A folder for a TestCase with `photos`, `paintings` and the weights `vgg`; `at` gives the paths in it."""
    folder = tempfile.TemporaryDirectory()
    case.addClassCleanup(folder.cleanup)
    case.at = staticmethod(lambda *path: os.path.join(folder.name, *path))
    case.vgg = case.at('vgg.safetensors')
    write_pictures(case.at('photos'), 2, seed=0)
    write_pictures(case.at('paintings'), 12, seed=10)  # hint.py needs at least 48 crops
    write_vgg(case.vgg)


def write_pictures(folder, count, seed):
    """Blots of colour, 80 x 72 pixels."""
    import numpy as np
    from PIL import Image
    os.makedirs(folder)
    for k in range(count):
        blots = np.random.default_rng(seed + k).integers(0, 256, (8, 9, 3), dtype=np.uint8)
        Image.fromarray(blots).resize((80, 72), Image.BICUBIC).save(os.path.join(folder, f'{k}.png'))


def write_vgg(path):
    """Random weights in the form of VGG-19 to conv5_1, with a quarter of its channels."""
    import numpy as np
    from safetensors.numpy import save_file

    from export.common.losses import BLOCKS
    rng, weights, channels = np.random.default_rng(0), {}, 3
    for b, (n, width) in enumerate(zip(BLOCKS, [16, 32, 64, 128, 128]), 1):
        for i in range(1, n + 1):
            spread = np.float32((2 / (9 * channels)) ** 0.5)
            weights[f'conv{b}_{i}.weight'] = rng.standard_normal((width, channels, 3, 3), np.float32) * spread
            weights[f'conv{b}_{i}.bias'] = np.full(width, 0.1, np.float32)
            channels = width
    save_file(weights, path)


if __name__ == '__main__':
    unittest.main()
