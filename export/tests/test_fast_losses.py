"""The fast ways through VGG-19 give what the plain one gives."""
import os
import tempfile
import unittest

from export.tests.test_pipeline import needs, write_vgg


@needs('numpy', 'torch', 'safetensors')
class FastLosses(unittest.TestCase):
    def test_convolutions_by_winograd_are_convolutions(self):
        import torch
        import torch.nn.functional as F

        from export.common import winograd
        if winograd.extension() is None:
            self.skipTest('neither AVX-512 nor AVX2, or no g++, or no ninja')
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


if __name__ == '__main__':
    unittest.main()
