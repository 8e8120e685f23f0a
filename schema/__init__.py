"""What callers see: types, inputs, unions and root fields; the only place that speaks GraphQL."""
