"""Philox 4×32-10, the permutation and the draws of an augmentation, written from docs/formats.md alone."""

import numpy as np

M32 = 0xFFFFFFFF


def block(counter, seed):
    x = list(counter)
    key = [seed & M32, seed >> 32 & M32]
    for _ in range(10):
        a, b = 0xD2511F53 * x[0], 0xCD9E8D57 * x[2]
        x = [(b >> 32) ^ x[1] ^ key[0], b & M32, (a >> 32) ^ x[3] ^ key[1], a & M32]
        key = [(key[0] + 0x9E3779B9) & M32, (key[1] + 0xBB67AE85) & M32]
    return x


def permutation(count, seed, epoch):
    words = [block((r, 2, epoch & M32, epoch >> 32), seed)[0] for r in range(8)]
    bits = (max(count - 1, 0)).bit_length()
    half = max(1, (bits + 1) // 2)
    mask = (1 << half) - 1

    def mix(x):
        x ^= x >> 16
        x = x * 0x85EBCA6B & M32
        x ^= x >> 13
        x = x * 0xC2B2AE35 & M32
        return x ^ (x >> 16)

    def encrypt(v):
        left, right = v >> half, v & mask
        for word in words:
            left, right = right, left ^ (mix((right ^ word) & M32) & mask)
        return left << half | right

    def at(position):
        v = encrypt(position)
        while v >= count:
            v = encrypt(v)
        return v

    return [at(p) for p in range(count)]


def draws(seed, epoch, sample, occurrence=0):
    words = block((0, 2 * occurrence, sample, epoch), seed) + block((1, 2 * occurrence, sample, epoch), seed)
    return [(w + 0.5) / 2**32 for w in words]


def noise(count, seed, epoch, sample, occurrence=0):
    result = []
    for index in range((count + 3) // 4):
        w = block((index, 2 * occurrence + 1, sample, epoch), seed)
        for a, b in ((w[0], w[1]), (w[2], w[3])):
            radius = np.sqrt(-2 * np.log((a + 0.5) / 2**32))
            angle = (b + 0.5) / 2**32 * 2 * np.pi
            result += [radius * np.cos(angle), radius * np.sin(angle)]
    return np.array(result[:count])
