"""From random weights to a model: a job that takes steps and says what it sees.

- start: what a run begins from: chance, or another model
- teaching/: which weights of another model learn, and who teaches it
- trainer: the loop: one optimizer step a pull
- run: a run in memory, and its step
- schedules: the learning rate over a run
- optimizers: a run's optimizers behind one face, their state as named tensors
- machine/: a run on this computer: device, threads, and how fast it goes
- looks: looks at held-out text in between, and learning by heart
- steps: a run's steps as columns, parts of a loss and kinds of memory among them
- history: what a run said, on disk
- saving: a run's checkpoints: new ones if there is something new, old ones removed
- run_state: how far a run has come, and what it stood at when it was taken up
- sitting: a sitting of a run can be thrown away: it stands again where it was taken up
- going_on: a run goes on with other settings, or for more steps
- divergence: a loss that left all bounds: what is kept, and the rate to go on with
- rescue: the ways on from a run whose loss left all bounds
- remarks: settings that change nothing in a run say so
"""
