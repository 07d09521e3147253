"""A PNG as WebP, by the two libraries that scripts/setup installs for the program itself."""

import ctypes
import ctypes.util

QUALITY = 85.0  # of 100: a grid of 64 small samples in 10 to 30 kB
PNG_FORMAT_RGB = 2


class PngImage(ctypes.Structure):
    """png_image of libpng's simplified interface, version 1."""

    _fields_ = [("opaque", ctypes.c_void_p), ("version", ctypes.c_uint32), ("width", ctypes.c_uint32), ("height", ctypes.c_uint32),
                ("format", ctypes.c_uint32), ("flags", ctypes.c_uint32), ("colormap_entries", ctypes.c_uint32),
                ("warning_or_error", ctypes.c_uint32), ("message", ctypes.c_char * 64)]


def libraries():
    """(libpng, libwebp), or None where one is not there."""
    names = ctypes.util.find_library("png16"), ctypes.util.find_library("webp")
    return tuple(map(ctypes.CDLL, names)) if all(names) else None


def read_png(png, path):
    """(width, height, RGB bytes); ValueError for a file that libpng cannot read."""
    image = PngImage(version=1)
    if not png.png_image_begin_read_from_file(ctypes.byref(image), str(path).encode()):
        raise ValueError(image.message.decode())
    image.format = PNG_FORMAT_RGB
    pixels = ctypes.create_string_buffer(image.width * image.height * 3)
    width, height = image.width, image.height
    if not png.png_image_finish_read(ctypes.byref(image), None, pixels, ctypes.c_int32(width * 3), None):
        raise ValueError(image.message.decode())
    return width, height, pixels


def webp_of(path):
    """The picture's bytes as WebP; None where the libraries are not there."""
    found = libraries()
    if found is None:
        return None
    png, webp = found
    width, height, pixels = read_png(png, path)
    webp.WebPEncodeRGB.restype = ctypes.c_size_t
    webp.WebPEncodeRGB.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_float,
                                   ctypes.POINTER(ctypes.c_void_p)]
    webp.WebPFree.argtypes = [ctypes.c_void_p]
    output = ctypes.c_void_p()
    size = webp.WebPEncodeRGB(pixels, width, height, width * 3, QUALITY, ctypes.byref(output))
    if size == 0:
        raise ValueError(f"libwebp encodes no picture of {width} x {height}")
    content = ctypes.string_at(output, size)
    webp.WebPFree(output)
    return content
