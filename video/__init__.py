"""How the system looks at devices: handshakes, pictures, judgement and stretches of health."""
