"""What other programs call a setting, so that whoever types it is told its name here."""

from __future__ import annotations

_NAMES = {
    "learning_rate": "lr eta alpha step_size",
    "batch_size": "bs batch batchsize train_batch_size per_device_train_batch_size micro_batch_size",
    "max_steps": "steps iters iterations max_iters num_steps epochs epoch n_epochs num_epochs max_epochs num_train_epochs",
    "max_seconds": "max_time time_limit",
    "grad_accumulation_steps": "gradient_accumulation_steps grad_accum accumulate accumulate_grad_batches",
    "weight_decay": "wd l2",
    "grad_clip": "clip max_grad_norm gradient_clip gradient_clip_val",
    "warmup_share": "warmup warmup_steps warmup_iters warmup_ratio",
    "schedule": "scheduler lr_scheduler lr_scheduler_type decay_lr",
    "optimizer": "optim",
    "number_format": "dtype precision mixed_precision amp fp16 bf16",
    "threads": "n_threads num_threads num_workers",
    "eval_steps": "eval_interval eval_every val_check_interval logging_steps",
    "checkpoint_steps": "save_steps save_interval save_every",
    "early_stopping": "patience early_stopping_patience",
    "keep_checkpoints": "save_total_limit",
    "context_length": "block_size context ctx n_ctx ctx_len num_ctx seq_len seq_length max_seq_len max_seq_length",
    "num_layers": "n_layer n_layers layers depth num_hidden_layers",
    "num_heads": "n_head n_heads heads num_attention_heads",
    "num_kv_heads": "n_kv_heads num_key_value_heads",
    "embed_dim": "n_embd d_model dim width hidden_size emb_dim embedding_dim embedding_size",
    "head_width": "head_dim d_head d_k head_size",
    "hidden_dim": "d_ff ffn_dim intermediate_size hidden_size",
    "temperature": "temp",
    "max_new_tokens": "max_tokens num_predict n_predict max_length",
    "repetition_penalty": "repeat_penalty rep_pen",
    "penalty_window": "repeat_last_n",
    "stop_strings": "stop stop_sequences",
    "beam_width": "beams num_beams beam_size",
    "vocab_size": "vocab vocabulary vocabulary_size",
    "min_frequency": "min_freq",
    "lower_case": "lowercase do_lower_case uncased",
}


def own_names(name: str) -> list[str]:
    """What a setting is called here that other programs call `name`; several where they mean several by it."""
    typed = name.lower().replace("-", "_")
    return [ours for ours, others in _NAMES.items() if typed in others.split()]
