def measure(x:
