"""The dissertation's method: its networks as TFLite, its density, and a training from images to a model folder."""

import math

import numpy as np
import pytest
from builders.rep_images import a_folder, a_lift

from livecoach.errors import ModelError
from livecoach.lab.images import model, scorers
from livecoach.lab.images.pictures import SHAPE, grey_image, read_images


def test_picture_is_the_image_with_zeros_right_and_below():
    """So that it can be halved three times."""
    grey = grey_image(a_lift())
    picture = scorers.pictures_of(grey[None])[0]
    assert picture.shape == scorers.PADDED
    assert picture[:45, :100].max() == 1
    assert not picture[45:].any()
    assert not picture[:, 100:].any()


def test_density_is_that_of_whitened_main_components():
    """Codes at the middle are likelier than codes far away; the space of the density is white."""
    codes = np.random.default_rng(0).normal(size=(60, math.prod(scorers.CODE))).astype(np.float32)
    kde = scorers.density_of(codes)
    assert kde.points.shape == (60, scorers.DIMENSIONS)
    assert np.cov(kde.points.T, bias=True) == pytest.approx(np.eye(scorers.DIMENSIONS), abs=1e-9)
    assert kde.log_density(codes.mean(0)) > kde.log_density(5 * codes[0])


def test_codes_that_are_all_alike_have_no_density():
    """One line says why."""
    with pytest.raises(ModelError, match="the same code for all images"):
        scorers.density_of(np.ones((5, math.prod(scorers.CODE)), np.float32))


def test_reconstruction_error_leaves_the_padding_out():
    """What is beside the image was never in it."""
    pictures = scorers.pictures_of(grey_image(a_lift())[None])
    given_back = pictures + 1.0
    given_back[:, SHAPE[0] :] = 100
    codes = np.random.default_rng(0).normal(size=(4, math.prod(scorers.CODE))).astype(np.float32)
    parts = scorers.parts_of(scorers.density_of(codes), codes[:1], pictures, given_back)
    assert parts[0, 1] == pytest.approx(1)


def test_tflite_agrees_with_torch(tmp_path):
    """Encoder and decoder, to 1e-4, at weights and codes of usual size."""
    torch = pytest.importorskip("torch", reason="the extra 'train' is not installed")
    from livecoach.lab.images import autoencoder

    torch.manual_seed(1)
    network = autoencoder.ImageAutoencoder()
    (tmp_path / scorers.ENCODER).write_bytes(autoencoder.encoder_tflite(network))
    (tmp_path / scorers.DECODER).write_bytes(autoencoder.decoder_tflite(network))
    pictures = np.random.default_rng(2).random((3, *scorers.PADDED), np.float32)
    codes, given_back = scorers.load_networks(tmp_path)(pictures)
    assert codes == pytest.approx(autoencoder.encode_pictures(network, pictures), abs=1e-4)
    assert given_back == pytest.approx(autoencoder.decode_codes(network, codes), abs=1e-4)


def test_training_gives_a_model_that_needs_no_torch(tmp_path):
    """From four images to a folder that loads, whose parts are numbers and whose TFLite agrees."""
    pytest.importorskip("torch", reason="the extra 'train' is not installed")
    from livecoach.cli.lab_images import train_images

    images, shares = a_folder(tmp_path / "good", videos=2, reps=2), []
    card = train_images(images, None, "seed", tmp_path / "model", 0, shares.append)
    assert shares[-1] == 1
    assert card.metrics["tflite_differs_by"] <= 1e-4
    loaded = model.load(tmp_path / "model")
    parts = loaded.scorer.parts(read_images(images).greys)
    assert parts.shape == (4, 2)
    assert np.isfinite(parts).all()
    (tmp_path / "model" / scorers.ENCODER).write_bytes(b"no network")
    with pytest.raises(ModelError, match=r"encoder.tflite: differs"):
        model.load(tmp_path / "model")
