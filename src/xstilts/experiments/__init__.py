"""The experiments room: experiment file → checked objects → graph → run → reports. Never imports torch."""
