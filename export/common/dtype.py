"""The number format that a device multiplies fast: bfloat16 on GPUs and on CPUs with instructions for it, float32 elsewhere."""
import contextlib
import functools

import torch


@functools.cache
def cpu_flags():
    """Instruction sets of the CPU as Linux names them; empty elsewhere."""
    try:
        with open('/proc/cpuinfo') as f:
            return set(next((line for line in f if line.startswith('flags')), '').split())
    except OSError:
        return set()


def fast_dtype(device='cpu'):
    """bfloat16 is many times slower than float32 on a CPU with neither avx512_bf16 nor amx_bf16."""
    if torch.device(device).type != 'cpu':
        return torch.bfloat16
    return torch.bfloat16 if {'avx512_bf16', 'amx_bf16'} & cpu_flags() else torch.float32


def autocast(device):
    """torch.autocast to bfloat16, or a context that does nothing where float32 is faster."""
    if fast_dtype(device) == torch.float32:
        return contextlib.nullcontext()
    return torch.autocast(torch.device(device).type, torch.bfloat16)
