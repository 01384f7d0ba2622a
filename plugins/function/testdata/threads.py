import user

user.start_thread()
measure = user.measure
unsteady = user.unsteady
curve = user.curve
