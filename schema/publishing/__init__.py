"""What operators publish, as they write it: inputs, how they become values, and the root fields that take them."""
