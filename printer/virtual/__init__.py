"""A receipt printer in software, for development, demonstrations and tests: it receives real printer bytes
over TCP, answers status like a real one, fails on request, and shows each ticket as a picture, as text and
as bytes.
"""
