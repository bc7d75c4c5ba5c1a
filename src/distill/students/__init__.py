"""Students: small models, their training and generation.

settings      lora, train, predict, and the runs that train
device        GPU or CPU, dtype, threads
models        loading, prompts, training examples
templates     chat templates: one rendering in training and in generation
causal        LoRA fine-tuning of a causal language model with TRL
two_part      FAIR's loss of feedback and rationales
checkpoints   where a training resumes
curves        losses, step by step
cpu           a faster trainer for a small model on a CPU
generate      batched generation on this machine
served        a student behind an endpoint
"""
