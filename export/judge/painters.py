"""Models and peers behind one interface.

A painter has a `name` and
  embed(style, name)                  PIL picture, and what it is called -> the painter's representation of the style
  embed_photo(photo)                  the same for a photo as its own style, where strengths below 1 are supported
  paint(photo, embedding, strength)   u8 (H,W,3) -> u8 (H,W,3); strength 1 = the style
  smoothed(every)                     a paint(photo, embedding) for one film, with norm statistics measured in one frame of `every` and
                                      averaged, as with `--stats-every`; optional
  cost(size)                          {'macs', 'weights', 'style_weights', 'bytes'} for a photo of (width, height), or None
  blends                              whether it supports strengths below 1
  side                                the only size it supports (other sizes are resized to it and back), or None
"""
import os

import numpy as np
import torch
from PIL import Image

from export.common import losses, manifest
from export.common.onnx_model import OnnxModel, session, to_u8
from export.common.pictures import fit, to_tensor
from export.judge import cost


def blend(painter, photo, embedding, strength):
    """Between the photo's embedding (strength 0) and the style's (1), as in the program."""
    if strength == 1:
        return embedding
    content = painter.embed_photo(Image.fromarray(photo))
    return content + np.float32(strength) * (embedding - content)


class Photo:
    """The baseline: the photo, unchanged."""

    name, blends, side = 'photo', False, None

    def embed(self, style, name):
        return None

    def paint(self, photo, embedding, strength=1.0):
        return photo

    def cost(self, size):
        return None


class Ours(OnnxModel):
    """A model of the contract."""

    blends, side = True, None

    def __init__(self, name, folder, threads):
        super().__init__(folder, threads)
        self.name = name

    def paint(self, photo, embedding, strength=1.0):
        params = self.style_params(blend(self, photo, embedding, strength))
        return self.transformer.run(['pastiche'], {'content': photo[None], 'style_params': params})[0][0]

    def smoothed(self, every):
        """A `paint` for one film that measures the norms' statistics in one frame of `every` and averages them, as `--stats-every` does."""
        stats, age = None, every

        def paint(photo, embedding):
            nonlocal stats, age
            feed = {'content': photo[None], 'style_params': self.style_params(embedding)}
            if age + 1 < every:
                age += 1
                return self.frozen.run(['pastiche'], {**feed, 'stats': stats})[0][0]
            pastiche, measured = self.transformer.run(['pastiche', 'stats'], feed)
            stats, age = measured if stats is None else (stats + measured) / 2, 0
            return pastiche[0]

        return paint

    def cost(self, size):
        width, height = size
        params = np.zeros((1, self.transformer.get_inputs()[1].shape[1]), np.float32)
        feed = {'content': np.zeros((1, height, width, 3), np.uint8), 'style_params': params}
        *style, transformer = map(cost.onnx_weights, self.files)
        return {'macs': cost.onnx_macs(self.files[-1], feed, self.threads), 'weights': transformer,
                'style_weights': sum(style), 'bytes': sum(map(len, self.files))}


class MicroAst:
    """MicroAST as the ONNX graphs of peers.py; for strength its style signals are blended as our embeddings are."""

    name, blends, side = 'microast', True, None

    def __init__(self, folder, threads):
        from export.judge import peers
        weights = peers.Weights(folder)
        self.files, self.threads = weights.files, threads
        self.graphs = [peers.style_graph(weights), peers.transformer_graph(weights)]
        self.style, self.transformer = (session(g, threads) for g in self.graphs)

    def embed(self, style, name=None):
        return self.style.run(None, {'style': to_u8(fit(style, manifest.STYLE_SIDE))[None]})[0]

    embed_photo = embed

    def paint(self, photo, embedding, strength=1.0):
        return self.transformer.run(None, {'content': photo[None], 'signals': blend(self, photo, embedding, strength)})[0][0]

    def cost(self, size):
        signals = np.ones((1, self.transformer.get_inputs()[1].shape[1]), np.float32)
        feed = {'content': np.zeros((1, size[1], size[0], 3), np.uint8), 'signals': signals}
        style, transformer = map(cost.onnx_weights, self.graphs)
        return {'macs': cost.onnx_macs(self.graphs[1], feed, self.threads), 'weights': transformer,
                'style_weights': style, 'bytes': sum(map(os.path.getsize, self.files))}


class Magenta:
    """Magenta's released TFLite pair: the predictor takes 256x256 only, the transformer 384x384 only."""

    name, blends, side = 'magenta', True, 384
    PREDICTOR, TRANSFORMER = 'style_predict_quantized_256.tflite', 'style_transfer_f16_384.tflite'

    def __init__(self, folder, threads):
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError as e:
            raise SystemExit("Magenta's pair needs the Python package ai-edge-litert: pip install -r export/requirements.txt") from e
        self.files = [os.path.join(folder, f) for f in (self.PREDICTOR, self.TRANSFORMER)]
        for f in self.files:
            if not os.path.exists(f):
                raise SystemExit(f'{f}: does not exist; --magenta takes the folder of the two files that Magenta released')
        self.pair = [Interpreter(f, num_threads=threads) for f in self.files]
        for net in self.pair:
            net.allocate_tensors()

    @staticmethod
    def run(net, *given):
        for port, value in zip(net.get_input_details(), given):
            net.set_tensor(port['index'], value)
        net.invoke()
        return net.get_tensor(net.get_output_details()[0]['index'])

    @staticmethod
    def floats(image):
        return np.asarray(image, np.float32)[None] / 255

    def embed(self, style, name=None):
        return self.run(self.pair[0], self.floats(style.convert('RGB').resize((256, 256), Image.LANCZOS)))

    embed_photo = embed

    def paint(self, photo, embedding, strength=1.0):
        image, embedding = Image.fromarray(photo), blend(self, photo, embedding, strength)
        made = self.run(self.pair[1], self.floats(image.resize((self.side, self.side), Image.LANCZOS)), embedding)[0]
        return to_u8(Image.fromarray((made * 255).round().clip(0, 255).astype(np.uint8)).resize(image.size, Image.LANCZOS))

    def cost(self, size):
        if size != (self.side, self.side):
            return None
        (_, style_weights), (macs, weights) = map(cost.tflite_cost, self.pair)
        return {'macs': macs, 'weights': weights, 'style_weights': style_weights, 'bytes': sum(map(os.path.getsize, self.files))}


class Optimum:
    """Pixels optimised by Adam from the photo, on the errors of the yardstick: content + 8 x style (Gatys et al. 2016, eq. 7). Slow."""

    name, blends, side = 'optimum', False, None
    STYLE_WEIGHT, RATE = 8.0, 0.02

    def __init__(self, yardstick, steps):
        self.yardstick, self.vgg, self.steps = yardstick, yardstick.vgg, steps

    def embed(self, style, name):
        return style

    def paint(self, photo, embedding, strength=1.0):
        target = to_tensor(Image.fromarray(photo))[None]
        with torch.no_grad():
            content = self.vgg.features(target)[1]
            painting = fit(embedding, min(photo.shape[:2]))
            grams = [losses.gram(f) for f in self.vgg.features(to_tensor(painting)[None])[0]]
        with torch.enable_grad():
            x = target.clone().requires_grad_()
            adam = torch.optim.Adam([x], self.RATE)
            for _ in range(self.steps):
                style_features, content_features = self.vgg.features(x)
                loss = losses.content_error(content_features, content, rim=0).sum()
                loss = loss + self.STYLE_WEIGHT * losses.style_errors(style_features, grams).mean()
                adam.zero_grad()
                loss.backward()
                adam.step()
                x.data.clamp_(0, 1)
        return (x.detach()[0].permute(1, 2, 0) * 255).round().byte().numpy()

    def cost(self, size):
        return None
