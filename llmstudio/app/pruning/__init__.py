"""What a model can lose: what that would do, looked at without saving a model, and what every way of losing shares.

- preview: what arithmetic says of a setting, what a quick look says, and what is known of a model's lineage
- looks: what was measured, kept beside the model
- reading: a text that is read to see what enters the matrices
- copies: copies with less in them: made, measured and saved
- sweep: many looks, by several methods at several shares
- sensitivity: what it costs if one layer alone loses weights, and shares by layer that follow
- layers: what is known of the layers under a setting
- where: where the zeros of a matrix are
- knee: up to where pruning costs little
- descent: one matrix on its way from whole to almost nothing
- smaller: what would stay if whole units went, and which
- healing: how a model that has lost weights is to learn on, and how far that has brought it back
- both: two models write on from one prompt with one seed
- pareto: all models in one picture, and those of which none is better in both
"""
