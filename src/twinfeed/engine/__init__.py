"""From files to pixels in place: decoding, sampling, caching, threads.

``decode.load`` gives the grid of a picture, ``warp.warp`` samples it into a batch in one pass,
``cache`` keeps grids between epochs, ``crew.Job`` shares a batch out among threads. The compiled
kernels lie in ``_bindings``; ``reference`` does the same with NumPy and SciPy, to the same bits.
"""
