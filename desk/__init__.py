"""How matters are worked: what may happen next to an alarm, by whom and by when."""
