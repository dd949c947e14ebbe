"""LBL: what stands beside the inputs."""

from twinfeed.diff._measures.labels import different_label_form

MEASURES = (different_label_form.MEASURE,)
