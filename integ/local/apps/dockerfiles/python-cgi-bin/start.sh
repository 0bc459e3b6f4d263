#!/bin/sh
exec python
