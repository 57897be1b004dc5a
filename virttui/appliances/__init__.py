"""Parcels: files that machines come in and go out by. All of this works on files of this machine.

    tar.py          tar archives read member by member, nothing unpacked, nothing trusted
    images.py       disk images by their first bytes: what they are, and what they may not name
    opening.py      any file that a machine can come in -> ``model.provision.appliance.Parcel``
    converting.py   ``qemu-img``, on this machine, into a private folder that goes again
    v2v.py          ``virt-v2v`` in its place, where it is installed and wanted
    packing.py      an archive of ours, written in one go

Whatever comes in is hostile until it was looked at: no name in it is followed out of its folder.
"""
