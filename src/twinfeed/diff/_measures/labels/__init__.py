"""LBL: what stands beside the inputs."""

from twinfeed.diff._measures.labels import (
    different_class_order,
    different_label_dtype,
    different_label_form,
    label_values_differ,
    labels_shuffled_against_inputs,
)

MEASURES = (
    different_label_form.MEASURE,
    different_class_order.MEASURE,
    different_label_dtype.MEASURE,
    labels_shuffled_against_inputs.MEASURE,
    label_values_differ.MEASURE,
)
