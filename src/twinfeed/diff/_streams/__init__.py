"""Examples as they follow each other: order, batches, epochs, rates and waiting."""
