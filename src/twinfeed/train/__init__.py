"""Trainings with paired seeds: recorded feeds, networks, processes, and a folder of runs."""
