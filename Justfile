# One word for each habit; `just` alone lists them.

default:
    @just --list

# a virtual environment with everything for development
setup:
    python3 -m venv .venv
    .venv/bin/pip install -q -c constraints.txt -e '.[train,test,dev]'

# the whole pipeline against a forum on this machine
demo:
    .venv/bin/humiao demo

# all tests that this machine can run
test *ARGS:
    .venv/bin/pytest {{ARGS}}

# style, format, import contracts
lint:
    .venv/bin/ruff check .
    .venv/bin/ruff format --check .
    .venv/bin/lint-imports

# static types
types:
    .venv/bin/mypy

# a real Kafka and Elasticsearch until Ctrl-C; prints their addresses
servers:
    .venv/bin/python -m tests.servers.servers

# reference pages made from the code
docs:
    .venv/bin/python docs/reference.py

# the shipped checkpoint from scratch (hours); needs HUMIAO_PUBLIC_DATA
checkpoint:
    .venv/bin/humiao pretrain --run runs/pretrain --minutes 90 --steps 3300
    .venv/bin/humiao train --pretrained runs/pretrain --out classifier/checkpoint --name first
