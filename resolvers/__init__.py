"""What happens: one async function a use case, one transaction each."""
