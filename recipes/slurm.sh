#!/bin/bash
# One experiment on one multi-GPU host of a Slurm cluster, from a clone on shared storage:
#   sbatch recipes/slurm.sh wide -S students.smollm2.lora.r=16
# No other job may use that clone meanwhile: .distill holds locks and a SQLite file, which hosts do
# not share. Each experiment that is to run at the same time needs a clone of its own.
#SBATCH --job-name=distill
#SBATCH --nodes=1
#SBATCH --gpus-per-node=8
#SBATCH --cpus-per-task=64
#SBATCH --mem=512G
#SBATCH --time=24:00:00
#SBATCH --requeue                      # a training goes on from its last checkpoint
set -euo pipefail

name=${1:?the name of the experiment, then options of dvc exp run}
shift
cd "${SLURM_SUBMIT_DIR:-.}"
source .venv/bin/activate

dvc pull --run-cache --allow-missing
dvc exp run --allow-missing --name "$name" "$@"
dvc push --run-cache
dvc exp push origin "$name"
