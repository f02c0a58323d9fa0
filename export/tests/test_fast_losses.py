"""The fast ways through VGG-19 give what the plain one gives, and the training that uses them runs."""
import contextlib
import datetime
import io
import os
import tempfile
import unittest

from export.tests.test_pipeline import ROOT, command, needs, write_pictures, write_vgg


@needs('numpy', 'torch', 'safetensors')
class FastLosses(unittest.TestCase):
    def test_convolutions_by_winograd_are_convolutions(self):
        import torch
        import torch.nn.functional as F

        from export.common import winograd
        if winograd.extension() is None:
            self.skipTest('no AVX-512, g++ or ninja')
        torch.manual_seed(0)
        for inputs, outputs, height, width in [(64, 64, 16, 20), (64, 128, 17, 31), (256, 64, 5, 3), (128, 512, 1, 9)]:
            weight, bias = torch.randn(outputs, inputs, 3, 3) / (9 * inputs) ** 0.5, torch.randn(outputs)
            x = torch.randn(3, inputs, height, width).contiguous(memory_format=torch.channels_last)
            exact = F.conv2d(x, weight, bias, padding=1)
            grad = torch.randn(3, outputs, height, width) * (exact.abs() > 0.2)  # at the kink of the ReLU rounding decides
            results = []
            for layer in (lambda x, w=weight, b=bias: F.relu(F.conv2d(x, w, b, padding=1)), winograd.ConvolutionRelu(weight, bias)):
                leaf = x.clone().requires_grad_()
                y = layer(leaf)
                (y * grad).sum().backward()
                results.append((y.detach(), leaf.grad))
            # Factors of 8 bits, whose rounding errors the transforms enlarge: 2 % of the output's norm, as noise without a bias.
            bound = 0.03 if winograd.extension().PAIR == 2 else 1e-5
            for a, b in zip(*results):
                self.assertLess((a - b).norm() / a.norm(), bound)

    def test_grams_on_the_way_are_those_of_the_features(self):
        import torch

        from export.common import losses, taps
        from export.common.dtype import fast_dtype
        with tempfile.TemporaryDirectory() as folder:
            write_vgg(path := os.path.join(folder, 'vgg.safetensors'))
            vgg = losses.Vgg19(path, dtype=torch.float32)
        torch.manual_seed(0)
        picture, other = torch.rand(2, 3, 64, 48), torch.rand(2, 3, 64, 48)
        style, content = vgg.features(other)
        grams, results = [losses.gram(f) for f in style], []

        def plain(y):
            style, found = losses.padded_features(vgg, y)
            return losses.style_errors(style, grams), found

        def tapped(y):
            found, features = taps.grams_and_content(vgg, y)
            return losses.gram_errors(found, grams), features

        for way in (plain, tapped):
            leaf = picture.clone().requires_grad_()
            errors, found = way(leaf)
            (errors.sum() + losses.content_error(found, content).sum()).backward()
            results.append((errors.detach(), leaf.grad))
        self.assertGreater(results[0][1].abs().max(), 1e-4)
        bound = 5e-2 if fast_dtype() == torch.bfloat16 else 1e-5
        for a, b in zip(*results):
            self.assertLess((a - b).norm() / a.norm(), bound)


@needs('numpy', 'torch', 'onnx', 'onnxruntime', 'safetensors', 'PIL')
class PairTraining(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.at = staticmethod(lambda *path: os.path.join(folder.name, *path))
        write_pictures(cls.at('photos'), 2, seed=0)
        write_pictures(cls.at('paintings'), 12, seed=10)
        write_vgg(cls.at('vgg'))

    def train(self, out, *options):
        """-> networks of fine and of live after a second of training."""
        from export.common.checkpoint import load_averaged
        at = self.at
        printed = command('train.pair', os.path.join(ROOT, 'models'), '--content', at('photos'), '--styles', at('paintings'),
                          '--vgg', at('vgg'), '--out', at(out), '--size', 64, '--batch', 2, '--minutes', 0.02, '--no-compile', *options)
        self.assertIn('done: ', printed)
        (fine, saved), (live, _) = load_averaged(at(out, 'fine')), load_averaged(at(out, 'live'))
        self.assertGreater(saved['step'], 0)
        return fine, live

    def same(self, a, b):
        a, b = dict(a.named_parameters()), dict(b.named_parameters())
        return a.keys() == b.keys() and all(a[k].equal(b[k]) for k in a)

    def test_both_transformers_are_trained_with_one_predictor(self):
        from export.train import bundled
        before, _ = bundled.load(os.path.join(ROOT, 'models'), 'fine')
        fine, live = self.train('run')
        self.assertTrue(self.same(fine.predictor, live.predictor))
        self.assertFalse(self.same(fine.predictor, before.predictor))
        fine, live = self.train('held', '--hold-predictor')
        self.assertTrue(self.same(fine.predictor, before.predictor) and self.same(live.predictor, before.predictor))
        self.assertFalse(self.same(fine.transformer, before.transformer))

    def test_a_new_predictor_has_living_stages_and_the_training_takes_it(self):
        import torch

        from export.common.networks import Predictor
        from export.ship import check
        printed = command('train.new_predictor', os.path.join(ROOT, 'models'), '--styles', self.at('paintings'), '--out', self.at('new.pt'),
                          '--size', 64, '--batch', 4, '--minutes', 0.02)
        self.assertIn('done: ', printed)
        predictor = Predictor(256, 512, covariances=32)
        predictor.load_state_dict(torch.load(self.at('new.pt'), weights_only=True))
        with torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):
            checks = check.Checks()
            check.check_stages(checks, predictor)
            self.assertEqual(checks.failed, 0)
            predictor.same[2].bias.fill_(-1e4)
            predictor.down[2].bias.fill_(-1e4)
            check.check_stages(checks, predictor)
        self.assertGreater(checks.failed, 0)
        fine, _ = self.train('more', '--predictor', self.at('new.pt'), '--covariances', 32)
        self.assertEqual(fine.predictor.covariances, 32)

    def test_a_run_with_a_new_predictor_joins_the_bundled_pair_and_goes_on(self):
        import torch

        from export.common.checkpoint import load_averaged
        from export.common.networks import Predictor
        from export.ship import export
        from export.train import bundled
        torch.save(Predictor(256, 512, covariances=4).state_dict(), self.at('other.pt'))
        fine, _ = self.train('apart', '--predictor', self.at('other.pt'), '--covariances', 4)
        printed = command('train.ensemble', os.path.join(ROOT, 'models'), self.at('apart'), '--styles', self.at('paintings'),
                          '--share', 0.3, '--out', self.at('mix'))
        self.assertIn('predictor: [32, 64, 128, 192] channels, 0 removed', printed)
        before, _ = bundled.load(os.path.join(ROOT, 'models'), 'fine')
        mix, _ = load_averaged(self.at('mix', 'fine'))
        picture = torch.rand(2, 3, 96, 64)
        with torch.no_grad():
            wanted = 0.7 * before.predictor(picture) + 0.3 * fine.predictor(picture)
            torch.testing.assert_close(mix.predictor(picture), wanted, rtol=1e-3, atol=1e-3)
            torch.testing.assert_close(mix.transformer.up.weight, torch.lerp(before.transformer.up.weight, fine.transformer.up.weight, 0.3))
        mix.table = False
        for path, data in export.files(mix, 'fine').items():
            os.makedirs(os.path.dirname(self.at('shipped', path)), exist_ok=True)
            with open(self.at('shipped', path), 'wb') as f:
                f.write(data)
        again, shape = bundled.load(self.at('shipped'), 'fine')
        self.assertEqual(len(shape.parts), len(mix.predictor.parts))
        with torch.no_grad():
            torch.testing.assert_close(again.predictor(picture), wanted, rtol=1e-2, atol=1e-2)
        trained, _ = self.train('mix')
        self.assertEqual(len(trained.predictor.parts), len(mix.predictor.parts))
        self.assertFalse(self.same(trained.predictor, mix.predictor))


@needs('numpy', 'torch')
class Pruning(unittest.TestCase):
    def test_dead_channels_are_removed_and_embeddings_stay(self):
        import torch

        from export.common.networks import Predictor
        from export.train.prune import pruned
        torch.manual_seed(1)
        p = Predictor(16, 24)
        with torch.no_grad():
            torch.nn.init.normal_(p.gain)
            torch.nn.init.normal_(p.bias)
            for stage, dead in ((0, [3, 5]), (2, [0]), (3, [1, 7, 100])):
                for layer in (p.down[stage], p.same[stage]):
                    layer.bias[dead] = -100
            pictures = [torch.rand(2, 3, 64, 80) * scale for scale in (1, 0.5, 0.1)]
            q = pruned(p, pictures)
            self.assertLess(len(q.down[3].weight), 190)
            self.assertEqual(sum(len(layer.weight) for layer in q.down) + q.removed, 32 + 64 + 128 + 192)
            for x in pictures:
                torch.testing.assert_close(q(x), p(x), rtol=1e-4, atol=1e-5)
            self.assertGreater(p(pictures[0]).std(), 1e-3)


class Ends(unittest.TestCase):
    def test_a_time_of_day_that_has_passed_is_tomorrow(self):
        from export.train.clock import Clock
        passed = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=2)
        share = Clock(1, 60, until=passed.strftime('%H:%M')).tick()
        self.assertTrue(0 < share < 0.01, share)


if __name__ == '__main__':
    unittest.main()
