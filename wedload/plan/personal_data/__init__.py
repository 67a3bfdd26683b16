"""What looks like somebody's data in plans and data files: found, masked, refused or accepted.

Load is made of generated data only. E-mail addresses, telephone numbers, IP addresses, card numbers
and IBANs that are not reserved for examples may be somebody's; they are found here and refused with
file and line. Imported by the loader of plans alone, and what is large – the rules of telephone
numbers – only once there is a candidate.
"""
