"""A denoiser that is told the noise level of every pixel: for models that were not trained on noise."""
