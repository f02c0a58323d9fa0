"""A sheet of pictures for visual inspection: a row each of contents, styles and pastiches."""
import torch
from PIL import Image


def save_grid(path, *rows):
    """rows: tensors (B,3,S,S) in 0..1, one below the other."""
    sheet = torch.cat([torch.cat(list(r.float().cpu()), 2) for r in rows], 1)  # (3,R*S,B*S)
    Image.fromarray((sheet.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()).save(path)
