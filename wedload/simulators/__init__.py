"""Third parties that wedload plays, the faults they suffer, and proxies that inject faults."""
