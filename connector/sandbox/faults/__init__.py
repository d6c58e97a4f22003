"""Things that go wrong on purpose: what a vendor, its edge or the network does to one request, or for a while.

`traffic` asks which fault meets a request and lets it act; the control URL arms them. No vendor's rule lives here.
"""
