"""The bundled pair is trained on: with its predictor, with new ones, and with several together."""
import contextlib
import io
import os
import unittest

from export.tests.test_pipeline import ROOT, command, needs, training_data


@needs('numpy', 'torch', 'onnx', 'onnxruntime', 'safetensors', 'PIL')
class PairTraining(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        training_data(cls)

    def train(self, out, *options):
        """-> networks of fine and of live after a second of training."""
        from export.common.checkpoint import load_averaged
        at = self.at
        printed = command('train.pair', os.path.join(ROOT, 'models'), '--content', at('photos'), '--styles', at('paintings'),
                          '--vgg', self.vgg, '--out', at(out), '--size', 64, '--window', 48, '--batch', 2, '--minutes', 0.02,
                          '--no-compile', *options)
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

    def test_the_compact_network_becomes_a_part_of_the_predictor(self):
        import torch

        from export.common.checkpoint import load_averaged
        from export.common.networks import make_part
        from export.ship import check, export
        from export.train import bundled
        models = os.path.join(ROOT, 'models')
        printed = command('train.new_predictor', models, '--compact', '--hidden', 64, '--covariances', 6, '--styles', self.at('paintings'),
                          '--out', self.at('compact.pt'), '--size', 64, '--batch', 4, '--minutes', 0.02)
        self.assertIn('done: ', printed)
        command('train.ensemble', models, self.at('compact.pt'), '--styles', self.at('paintings'), '--share', 0.4, '--out', self.at('both'))
        (before, _), (mix, _) = bundled.load(models, 'live'), load_averaged(self.at('both', 'live'))
        new = make_part(256, 512, {'compact': True, 'covariances': 6, 'hidden': 64})
        new.load_state_dict(torch.load(self.at('compact.pt'), weights_only=True))
        torch.manual_seed(0)
        picture = torch.rand(2, 3, 96, 64)
        with torch.no_grad():
            wanted = 0.6 * before.predictor(picture) + 0.4 * new(picture)
            torch.testing.assert_close(mix.predictor(picture), wanted, rtol=1e-3, atol=1e-3)
            # Its embeddings come near to the old ones in seconds, as only the last layers are new.
            near, far = (v - before.predictor(picture) for v in (new(picture), torch.zeros(1)))
            self.assertLess(near.norm(), 0.9 * far.norm())
        _, live = self.train('both', '--hold-rest')
        self.assertTrue(self.same(live.predictor.parts[-1].trunk, new.trunk))
        self.assertFalse(self.same(live.predictor.parts[-1].project, new.project))
        self.assertTrue(self.same(live.head, mix.head) and self.same(live.predictor.parts[0], mix.predictor.parts[0]))
        live.table = False
        with torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):
            rounded = check.rounded_net(live.requires_grad_(False))
            for path, data in export.files(rounded, 'live').items():
                os.makedirs(os.path.dirname(self.at('exported', path)), exist_ok=True)
                with open(self.at('exported', path), 'wb') as f:
                    f.write(data)
            checks = check.Checks()
            check.check_predictor(checks, rounded, self.at('exported', 'predictor.onnx'))
            self.assertEqual(checks.failed, 0)
            again, _ = bundled.load(self.at('exported'), 'live')
            torch.testing.assert_close(again.predictor(picture), rounded.predictor(picture))


if __name__ == '__main__':
    unittest.main()
