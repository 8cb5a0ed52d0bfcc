"""The compiled engine: the golden model sample by sample, in the order of numerics.md, on packed words (numba).

`kernels` are the parts of a layer, `perceptron` and `recurrent` the programs made of them, `engine` what `GoldenModel`
talks to. Bits that only a popcount reads are packed into 64-bit words; those that a counter or a vote reads are
int8 +1/-1.
"""
