"""Which records are one company or one person (名寄せ). Pure: reads and sends nothing."""
