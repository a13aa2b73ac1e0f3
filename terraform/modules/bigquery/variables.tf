variable "project_id" {
  description = "Project of the dataset."
  type        = string
}

variable "location" {
  description = "Region of the dataset; the one of the services."
  type        = string
}

variable "dataset" {
  description = "Name of the dataset."
  type        = string
  default     = "metrics_dataset"

  validation {
    condition     = can(regex("^[A-Za-z0-9_]+$", var.dataset))
    error_message = "A dataset's name has letters, digits and underscores only."
  }
}

variable "migrations_folder" {
  description = "Folder of the numbered SQL files that say which tables and views there are."
  type        = string
}

variable "retention_days" {
  description = "Days after which the partitions of samples and findings expire."
  type        = number
  default     = 730

  validation {
    condition     = var.retention_days >= 1 && floor(var.retention_days) == var.retention_days
    error_message = "Whole days, at least one."
  }
}

variable "keep_data" {
  description = "Leaves dataset and tables where they are on `terraform destroy`."
  type        = bool
  default     = false
}

variable "dataset_exists" {
  description = "The dataset was there before, perhaps with tables: neither it nor anything in it is made, changed or destroyed here. `seismo migrate` makes what is missing, and takes a real table metrics_table over."
  type        = bool
  default     = false
}

variable "grants" {
  description = "Who may do what with the dataset."
  type        = map(object({ role = string, member = string }))
  default     = {}
}
