"""Dead channels of a predictor."""
import unittest

from export.tests.test_pipeline import needs


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


if __name__ == '__main__':
    unittest.main()
