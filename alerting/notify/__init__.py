"""Telling people of alerts: who is told what and when by routes as data, through an outbox that survives a kill.

An event of an alert leaves a hint (`hints`), the planner makes items of it by the routes (`planning`), a channel packs what is due
into parcels, one alert or a digest (`packing`), and sends them at its pace until they are taken or given up (`sending`).
"""
