"What is promised under stress, tried for long: kills, full disks, damaged files. Figures stand in RELIABILITY.md."
