"""Appliances: files that machines are imported from and exported to, all on this computer.

    open_appliance     any file that can hold a machine -> ``model.provision.appliance.Appliance``
    descriptor_disks   OVF, OVA and VMX with their disks
    image_headers      disk images by their headers: their format, and that they name no other file
    header_references  the files that an image names, to find who uses a file
    tar_reader         tar archives read member by member, without unpacking or trusting them
    disk_assembly      compressed, split or sparse disks joined into one plain file
    qemu_img           disks converted by ``qemu-img`` in a private temporary folder
    virt_v2v           machines converted by ``virt-v2v``, where it is installed and chosen
    archive_writer     an archive of VirtTUI, written in one pass

Every file is hostile until it was checked: no name in it is followed out of its folder.
"""
